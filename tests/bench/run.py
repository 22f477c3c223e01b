#!/usr/bin/env python3
"""make bench - one table: what archiving costs, and beside it what it must cost.

usage: run.py [--quick] [--keep] [--runs N] [PART...]

Everything is measured in this one run, on loopback and in a temporary
directory of the build's disk, so that the ratios hold on any machine.

    ingest  200,000 stanzas over TLS from a local peer until the last one is
            on disk and found by a search, between two others: `yardstick`
            (expat, zstd and the same rows into SQLite, nothing else) and
            `reader` (a client that logs in and throws the bytes away).
            Runs are interleaved, the median counts.
    idle    resident memory of 1,000 accounts less that of 10, after the same
            number of messages.
    search  newest 50 of 1,000,000 messages, warm.

--quick makes everything a hundred times smaller: it shows that the bench
works, not how fast anything is. What the limits of the hardware are, and how
they were measured, is in the right-hand columns; nothing here is a test, and
a missed aim does not change the exit status.
"""
import argparse
import contextlib
import ctypes
import glob
import os
import select
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

DOMAIN = 'bench.example'
RESOURCE = 'bench'
TICK = os.sysconf('SC_CLK_TCK')
BUILD = os.environ.get('builddir', '.')
SOURCE = os.environ.get('srcdir', '.')
CORPUS_END = 'lastword'         # tests/bench/corpus.h


class Failed(Exception):
    pass


def tool(name):
    return os.path.join(BUILD, 'tests', 'bench', name)


def note(text):
    print('bench: ' + text, file=sys.stderr, flush=True)


def die_with_parent():
    """In the child: whatever ends the bench ends what it started."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A program with lines in and out; killed at the end of its `with`."""

    def __init__(self, *argv, log=None):
        self.name = os.path.basename(argv[0])
        self.log = log
        err = open(log, 'ab') if log else None
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
            preexec_fn=die_with_parent)
        if err:
            err.close()
        self.pid = self.process.pid
        self.rest = b''
        self.usage = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.usage is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def say(self, line):
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()

    def fail(self, why):
        tail = ''
        if self.log:
            with open(self.log, errors='replace') as f:
                tail = ''.join('\n    ' + x.rstrip() for x in f.readlines()[-5:])
        raise Failed(f'{self.name}: {why}{tail}')

    def line(self, deadline):
        fd = self.process.stdout.fileno()
        while b'\n' not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                self.fail('the time is up')
            more = os.read(fd, 65536)
            if not more:
                self.fail('has ended')
            self.rest += more
        line, self.rest = self.rest.split(b'\n', 1)
        return line.decode()

    def expect(self, start, seconds):
        """The rest of the first line that begins so."""
        deadline = time.monotonic() + seconds
        while True:
            line = self.line(deadline)
            if line.startswith(start):
                return line[len(start):].strip()

    def is_running(self):
        if self.usage is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.ended(status, usage)
        return self.usage is None

    def ended(self, status, usage):
        self.usage = usage
        self.process.returncode = os.waitstatus_to_exitcode(status)

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > deadline:
                self.fail('does not end')
            time.sleep(0.005)
        if self.process.returncode != 0:
            self.fail(f'exit status {self.process.returncode}')
        return self.usage

    # What the kernel knows of it.

    def cpu(self):
        with open(f'/proc/{self.pid}/stat') as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def status_kb(self, key):
        with open(f'/proc/{self.pid}/status') as f:
            for line in f:
                if line.startswith(key + ':'):
                    return int(line.split()[1])
        raise Failed(f'/proc has no {key}')

    def wait_quiet(self, seconds):
        """Until it has used no CPU time for half a second."""
        deadline = time.monotonic() + seconds
        last, since = self.cpu(), time.monotonic()
        while time.monotonic() - since < 0.5:
            if time.monotonic() > deadline:
                self.fail('never comes to rest')
            if not self.is_running():
                self.fail('has ended')
            time.sleep(0.02)
            now = self.cpu()
            if now > last + 0.01:
                last, since = now, time.monotonic()


def usage_cpu(usage):
    return usage.ru_utime + usage.ru_stime


class Bench:
    def __init__(self, directory, args):
        self.dir = directory
        self.runs = args.runs
        scale = 100 if args.quick else 1
        self.count = 200000 // scale
        self.accounts = 1000 // (20 if args.quick else 1)
        self.archive_size = 1000000 // scale
        self.on_disk = self.is_on_disk()
        self.certificate = self.path('certificate.pem')
        self.key = self.path('key.pem')
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
             'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
             '-subj', '/CN=bench', '-addext', f'subjectAltName=DNS:{DOMAIN}',
             '-keyout', self.key, '-out', self.certificate],
            check=True, stderr=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.dir, name)

    def is_on_disk(self):
        out = subprocess.run(['stat', '-f', '-c', '%T', self.dir], check=True,
                             capture_output=True, text=True).stdout.strip()
        return out != 'tmpfs'

    def peer(self):
        child = Child(tool('peer'), self.certificate, self.key, DOMAIN,
                      log=self.path('peer.log'))
        child.port = child.expect('port ', 10)
        return child

    def service(self, name, peer, accounts):
        """backscrolld with so many accounts, all at the peer."""
        home = self.path(name)
        os.mkdir(home, 0o700)
        config = os.path.join(home, 'backscroll.conf')
        with open(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
            f.write(f'archive = "{home}/archive.db"\n'
                    f'control-socket = "{home}/control"\n')
            for i in range(accounts):
                f.write(f'account "a{i:04d}@{DOMAIN}" {{\n'
                        f'\tpassword = "secret"\n'
                        f'\tserver = "127.0.0.1:{peer.port}"\n'
                        f'\ttls = "direct"\n'
                        f'\tca-file = "{self.certificate}"\n'
                        f'\tmechanisms = {{ "PLAIN" }}\n'
                        f'\tresource = "{RESOURCE}"\n}}\n')
        child = Child(os.path.join(BUILD, 'src/daemon/backscrolld'), '-c',
                      config, 'run', log=os.path.join(home, 'log'))
        child.archive = os.path.join(home, 'archive.db')
        return child

    def wait_archived(self, service, count, seconds):
        """Until so many messages are committed: the tally is kept in the
        transaction of the rows that it counts."""
        deadline = time.monotonic() + seconds
        db = sqlite3.connect(f'file:{service.archive}?mode=ro', uri=True,
                             timeout=10)
        with contextlib.closing(db):
            while True:
                now = time.monotonic()
                n = db.execute('SELECT sum(total) FROM tally').fetchone()[0]
                if (n or 0) >= count:
                    if n > count:
                        raise Failed(f'{n} messages archived of {count}')
                    return now
                if now > deadline:
                    service.fail(f'archived {n} of {count} messages in time')
                if not service.is_running():
                    service.fail('has ended')
                time.sleep(0.01)

    def stop(self, service):
        os.kill(service.pid, signal.SIGTERM)
        return service.wait(60)


def archive_bytes(archive):
    return sum(os.path.getsize(f) for f in glob.glob(archive + '*')
               if os.path.isfile(f))


# Ingest.

def run_yardstick(b, name):
    home = b.path(name)
    os.mkdir(home, 0o700)
    archive = os.path.join(home, 'archive.db')
    with Child(tool('yardstick'), os.path.join(SOURCE, 'sql/0001-archive.sql'),
               archive, str(b.count), f'a0000@{DOMAIN}', RESOURCE,
               log=os.path.join(home, 'log')) as child:
        told = child.expect('yardstick ', 120)
        usage = child.wait(10)
    told = dict(x.split('=') for x in told.split())
    shutil.rmtree(home)
    return {'rate': b.count / float(told['wall_s']),
            'cpu_us': float(told['cpu_s']) * 1e6 / b.count,
            'bytes': int(told['bytes']) / b.count,
            'written': usage.ru_oublock * 512 / b.count}


def run_reader(b):
    with b.peer() as peer, \
            Child(tool('reader'), peer.port, DOMAIN, 'a0000', b.certificate,
                  log=b.path('reader.log')) as reader:
        reader.expect('online', 10)
        peer.expect('online 1', 10)
        peer.say(f'prepare {b.count}')
        size = int(peer.expect('prepared ', 60))
        before, start = reader.cpu(), time.monotonic()
        peer.say('go')
        reader.expect('done', 60)
        wall = time.monotonic() - start
        usage = reader.wait(10)
    return {'rate': b.count / wall, 'stanza': size / b.count,
            'cpu_us': (usage_cpu(usage) - before) * 1e6 / b.count}


def run_ours(b, name):
    with b.peer() as peer, b.service(name, peer, 1) as service:
        peer.expect('online 1', 30)
        peer.say(f'prepare {b.count}')
        peer.expect('prepared ', 60)
        service.wait_quiet(20)
        before, start = service.cpu(), time.monotonic()
        peer.say('go')
        wall = b.wait_archived(service, b.count, 120) - start
        found = subprocess.run(
            [os.path.join(BUILD, 'src/cmd/backscroll'), '-f', service.archive,
             'search', '--count', CORPUS_END], capture_output=True, text=True)
        if found.stdout.strip() != '1':
            raise Failed('the last message is archived and not found: ' +
                         (found.stderr.strip() or found.stdout.strip()))
        peak = service.status_kb('VmHWM')
        usage = b.stop(service)
        size = archive_bytes(service.archive)
    shutil.rmtree(b.path(name))
    return {'rate': b.count / wall, 'peak_mb': peak / 1024,
            'cpu_us': (usage_cpu(usage) - before) * 1e6 / b.count,
            'bytes': size / b.count,
            'written': usage.ru_oublock * 512 / b.count}


def median(runs, key):
    return statistics.median(r[key] for r in runs)


def part_ingest(b, table):
    yardsticks, readers, ours = [], [], []
    for i in range(b.runs):
        note(f'ingest, run {i + 1} of {b.runs}')
        yardsticks.append(run_yardstick(b, f'yardstick{i}'))
        readers.append(run_reader(b))
        ours.append(run_ours(b, f'ingest{i}'))
    rate, yard = median(ours, 'rate'), median(yardsticks, 'rate')
    table.title(f'ingest of {b.count:,} stanzas of '
                f'{readers[0]["stanza"]:.0f} bytes over TLS, '
                f'median of {b.runs}')
    table.row('messages a second', rate, yard, 'yardstick', '>= 0.60 x')
    table.row('', rate, median(readers, 'rate'), 'reader')
    table.row('CPU, us a message', median(ours, 'cpu_us'),
              median(yardsticks, 'cpu_us'), 'yardstick', '<= 40', digits=1)
    table.row('archive, bytes a message', median(ours, 'bytes'),
              median(yardsticks, 'bytes'), 'yardstick', '<= 550')
    if b.on_disk:
        table.row('written, bytes a message', median(ours, 'written'),
                  median(yardsticks, 'written'), 'yardstick')
    table.row('peak memory, MB', median(ours, 'peak_mb'), None, '', '<= 20',
              digits=1)


# Idle accounts.

def resident_kb(b, name, accounts, messages):
    with b.peer() as peer, b.service(name, peer, accounts) as service:
        peer.expect(f'online {accounts}', 120)
        service.wait_quiet(60)
        peer.say(f'prepare {messages // accounts}')
        peer.expect('prepared ', 60)
        peer.say('go')
        b.wait_archived(service, messages, 120)
        service.wait_quiet(60)
        kb = service.status_kb('VmRSS')
        b.stop(service)
    shutil.rmtree(b.path(name))
    return kb


def part_idle(b, table):
    few, each = 10, 60          # 60 stanzas are 30 KB
    note(f'memory, {few} accounts')
    small = resident_kb(b, 'few', few, b.accounts * each)
    note(f'memory, {b.accounts} accounts')
    large = resident_kb(b, 'many', b.accounts, b.accounts * each)
    table.title(f'{b.accounts:,} idle TLS accounts after 30 KB each, '
                f'less {few}')
    table.row('resident, KB an account', (large - small) / (b.accounts - few),
              46, 'limit', '<= 48', digits=1)


# Search. The limits were measured on this schema, warm, at 1,000,000.

SEARCHES = {
    'rare': ('a rare word', 0.11),
    'common': ('a common word', 0.13),
    'two': ('two common words', 1.7),
    'contact': ('a word with a contact', 0.78),
    'month': ('a word in a month', 0.36),
    'cjk': ('two CJK characters', 0.14),
}


def part_search(b, table):
    archive = b.path('search.db')
    note(f'search: filling an archive with {b.archive_size:,} messages')
    with Child(tool('fill'), archive, str(b.archive_size),
               log=b.path('fill.log')) as child:
        told = child.expect('fill ', 180)
        child.wait(60)
    told = dict(x.split('=') for x in told.split())
    note('search: asking')
    with Child(tool('search'), archive,
               os.path.join(BUILD, 'src/cmd/backscroll'),
               log=b.path('search.log')) as child:
        table.title(f'search, newest 50 of {b.archive_size:,} '
                    f'({archive_bytes(archive) / b.archive_size:.0f} bytes '
                    f'each, filled at '
                    f'{b.archive_size / float(told["wall_s"]):,.0f}/s), ms')
        processes = []
        while True:
            line = child.line(time.monotonic() + 60)
            if line == 'end':
                break
            kind, mid, worst, process = line.split()
            if kind == 'true':
                floor = float(process) / 1000
                continue
            name, limit = SEARCHES[kind]
            table.row(name, float(mid) / 1000, limit, 'limit', '', digits=2,
                      extra=f'worst {float(worst) / 1000:.2f}')
            processes.append((name, float(worst) / 1000,
                              float(process) / 1000))
        child.wait(10)
    table.row('worst of all in process', max(p[1] for p in processes), None,
              '', '<= 10', digits=2)
    table.row('as a process, median of all',
              statistics.median(p[2] for p in processes), floor, '/bin/true',
              digits=2)
    slowest = max(processes, key=lambda p: p[2])
    table.row('as a process, slowest kind', slowest[2], floor, '/bin/true',
              digits=2, extra=slowest[0])


class Table:
    """Rows as they come; printed whole at the end."""

    def __init__(self):
        self.lines = []

    def title(self, text):
        self.lines += ['', text]

    def row(self, what, ours, other, label='', aim='', digits=0, extra=''):
        ratio = ours / other if other else None
        met = ''
        if aim:
            sign, bound = aim.split()[:2]
            value = ratio if aim.endswith(' x') else ours
            value = round(value, 2)
            good = value >= float(bound) if sign == '>=' \
                else value <= float(bound)
            met = 'met' if good else 'MISSED'
        self.lines.append(
            f'  {what:<28}{ours:>10,.{digits}f}'
            f'{format(other, f",.{digits}f") if other else "":>11} '
            f'{label:<10}{format(ratio, ".2f") if ratio else "":>7}  '
            f'{aim:<10} {met:<7}{extra}'.rstrip())

    def show(self, took):
        release = os.uname()
        print(f'backscroll bench: {os.cpu_count()} cores, '
              f'{release.sysname} {release.release}, '
              f'SQLite {sqlite3.sqlite_version}, {took:.0f} s')
        print(f'  {"":<28}{"ours":>10}{"beside":>11} {"":<10}'
              f'{"ratio":>7}  aim')
        print('\n'.join(self.lines).lstrip('\n'))


PARTS = {'ingest': part_ingest, 'idle': part_idle, 'search': part_search}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--keep', action='store_true',
                        help='leave the temporary directory')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('parts', nargs='*', metavar='PART')
    args = parser.parse_args()
    for part in args.parts:
        if part not in PARTS:
            parser.error(f'no such part: {part}')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    start = time.monotonic()
    table = Table()
    directory = tempfile.mkdtemp(prefix='bench.', dir=BUILD)
    try:
        bench = Bench(os.path.abspath(directory), args)
        if not bench.on_disk:
            note('the build is on tmpfs: nothing waits for a disk')
        for name in args.parts or PARTS:
            PARTS[name](bench, table)
    except Failed as why:
        note(str(why))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if args.keep:
            note('kept ' + directory)
        else:
            shutil.rmtree(directory, ignore_errors=True)
    table.show(time.monotonic() - start)
    return 0


if __name__ == '__main__':
    sys.exit(main())
