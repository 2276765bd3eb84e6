"""A machine that is booted by the real systemd, over what this one has installed: namespaces and an overlay, so that nothing of it stays.

    with Booted() as machine:
        machine.run("systemctl", "enable", "--now", "xiond")
        machine.reboot()

It needs root, and a kernel that lets it make namespaces and overlays; where it doesn't, `Booted.why_not()` says so. Its network is its own: loopback
alone.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from waiting import PATIENCE, wait_until

SYSTEMD = pathlib.Path("/lib/systemd/systemd")

TREE = pathlib.Path(__file__).resolve().parents[2]

# Runs in new namespaces of mounts, processes, names, IPC, control groups and network; its arguments are the folder that holds the upper half, and
# the tree, which is seen where it is even below /tmp. What is written there lands in the upper half, too.
BOOT = r"""
set -eu
base=$1 tree=$2
mount --make-rprivate /
mkdir -p "$base/upper" "$base/work" "$base/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
cd "$base/root"
mount -t proc proc proc
mount -t sysfs sysfs sys -o ro
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
case $tree in
  /tmp/*)
    mkdir -p "$base/tree" "$base/tree-work" ".$tree"
    mount -t overlay overlay -o "lowerdir=$tree,upperdir=$base/tree,workdir=$base/tree-work" ".$tree" ;;
esac
mount -t tmpfs tmpfs dev -o mode=755
for node in null zero full random urandom tty; do touch dev/$node; mount --bind /dev/$node dev/$node; done
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
if [ ! -e etc/xion-booted ]; then
  # What this machine starts besides, nobody wants there.
  rm -rf etc/systemd/system/*.wants usr/lib/systemd/system/multi-user.target.wants/* usr/lib/systemd/system/getty.target.wants
  for unit in systemd-udevd.service systemd-logind.service dbus.service dbus.socket getty.target systemd-networkd.service; do
    ln -sf /dev/null "etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
  # Who installs a package there waits for no index of all manuals.
  rm -f var/lib/man-db/auto-update
  touch etc/xion-booted
fi
mkdir -p .outside
pivot_root . .outside
umount -l .outside
# As systemd does it where it is in no container: credentials reach their units by what mounts share.
mount --make-rshared /
ip link set lo up 2>/dev/null || true
export container=xionid-test
exec /lib/systemd/systemd --system --log-target=null --show-status=0
"""


class Booted:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xionid-booted."))
        self.holder = self.boot = self.init = None

    @staticmethod
    def why_not():
        """Why no machine can be booted here; None where one can."""
        if os.geteuid() != 0:
            return "only root can boot a machine"
        if not SYSTEMD.exists():
            return "systemd is not installed"
        tried = subprocess.run(
            ["unshare", "-m", "-p", "-f", "-C", "-n", "sh", "-c",
             "mount --make-rprivate / && mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/r && "
             "mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && mount -t cgroup2 c /mnt/u && mount -t proc p /mnt/r/proc"],
            capture_output=True, text=True)
        return None if tried.returncode == 0 else f"no namespaces or overlays here: {tried.stderr.strip()}"

    def __enter__(self):
        # The overlay's upper half outlives a reboot: it lies in a mount that this process holds.
        self.holder = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", f"mount --make-rprivate / && mount -t tmpfs machine {self.folder} && echo up && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "up\n"
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            with contextlib.suppress(Exception):
                print(self.run("journalctl", "-b", "-n", "60", "--no-pager", check=False).stdout)
        self.power_off()
        self.holder.stdin.close()
        self.holder.wait(PATIENCE)
        self.holder.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- power ---------------------------------------------------------------------------------------------------

    def start(self):
        self.boot = subprocess.Popen(
            ["nsenter", "-t", str(self.holder.pid), "-m", "unshare", "-m", "-p", "-f", "-u", "-i", "-C", "-n", "bash", "-c", BOOT, "boot",
             str(self.folder), str(TREE)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.init = wait_until("systemd runs", self.find_init)
        wait_until("it has booted", lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"))

    def find_init(self):
        if self.boot.poll() is not None:
            raise AssertionError(f"it did not boot: {self.boot.stderr.read()}")
        for child in pathlib.Path(f"/proc/{self.boot.pid}/task/{self.boot.pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if b"systemd" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]:
                    return int(child)
        return None

    def power_off(self):
        if self.init is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.init, signal.SIGKILL)   # Of the first process of its namespace: all others go with it.
        if self.boot is not None:
            self.boot.wait(PATIENCE)
            self.boot.stderr.close()
        self.init = self.boot = None

    def reboot(self):
        self.run("systemctl", "stop", "xiond.service", "xiond.socket", check=False)
        self.power_off()
        self.start()

    # --- inside --------------------------------------------------------------------------------------------------

    def inside(self, *words):
        return ["nsenter", "-t", str(self.init), "-m", "-p", "-u", "-i", "-n", "-C", *[str(word) for word in words]]

    def run(self, *words, check=True, text=None):
        done = subprocess.run(self.inside(*words), capture_output=True, text=True, timeout=4 * PATIENCE, input=text,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"})
        if check and done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def shell(self, line, check=True):
        return self.run("bash", "-c", line, check=check)

    def start_process(self, *words):
        return subprocess.Popen(self.inside(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write(self, path, text, mode=None):
        """As an editor does it: a file that is there keeps its owner and mode."""
        self.run("bash", "-c", 'cat >"$1"', "write", path, text=text)
        if mode is not None:
            self.run("chmod", mode, path)

    def unit(self, field, unit="xiond.service"):
        return self.run("systemctl", "show", "-P", field, unit).stdout.strip()
