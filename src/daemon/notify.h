/*
 * notify - tells a service manager how we are: sd_notify(3)'s datagrams to
 * $NOTIFY_SOCKET, without libsystemd. Nothing happens where there is none.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_ready(void);
void notify_stopping(void);

#endif
