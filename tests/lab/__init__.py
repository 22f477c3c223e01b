"""lab - private servers, a client and a scripted peer for tests.

    tap       the Test Anything Protocol, which every test here speaks
    wait      deadlines and conditions: nothing sleeps and hopes
    child     child processes that always end, their logs kept for a failure
    site      a temporary directory and all that runs in it
    certs     a private certification authority, by the openssl command
    server    what private servers have in common
    prosody   a private Prosody: own configuration, data, accounts, ports
    ejabberd  a private ejabberd, likewise
    wire      one TCP connection, plain or under TLS
    stanza    XML streams cut into elements, and what one asks of them
    scram     SCRAM's arithmetic, for both ends
    client    a scripted client, independent of the code under test
    peer      a scripted server: what no real server does
    mam       an archive that a peer serves, faults included
    service   the program under test: its configuration, service, commands
    pair      a service with one account on a scripted peer, online

Python's standard library only. Servers listen on 127.0.0.1, on ports that the
kernel picked, in a directory of their own that is removed at the end.
"""
