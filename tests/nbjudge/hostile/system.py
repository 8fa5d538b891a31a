"""Other processes, other submissions, the system."""

from tests.nbjudge.hostile.submission import LONG_WALL, hostile

SYSTEM = (
    hostile(
        "kills_everything",
        "Sends every signal to every process that it can name.",
        """
        import os, signal
        for pid in [1, *range(2, 300), os.getppid()]:
            for number in signal.valid_signals():
                if pid != os.getpid():
                    try:
                        os.kill(pid, number)
                    except OSError:
                        pass
        def square(x):
            return 0.0
        print("killed")
        """,
        shows="killed",
    ),
    hostile(
        "kills_its_group",
        "Ends all processes of the group that it was started in, wherever they are.",
        "import os, signal\nos.kill(0, signal.SIGKILL)",
        stopped="crash",
    ),
    hostile(
        "makes_its_session_wait",
        "Gives the last place among all processes to those of the session that it was started in.",
        """
        try:
            open("/proc/self/autogroup", "w").write("19")
        except OSError:
            pass
        def square(x):
            return 0.0
        print("waits")
        """,
        shows="waits",
    ),
    hostile(
        "traces_everything",
        "Attaches to every process, reads and writes its memory, and takes its descriptors.",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        taken = []
        buffer = ctypes.create_string_buffer(100)
        class Vector(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        here, there = Vector(ctypes.addressof(buffer), 100), Vector(id(None), 100)
        for pid in {int(name) for name in os.listdir("/proc") if name.isdigit()} - {os.getpid()}:
            taken += [libc.ptrace(16, pid, 0, 0) >= 0, libc.ptrace(0x4206, pid, 0, 0) >= 0]
            taken += [libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) >= 0]
            taken += [libc.process_vm_writev(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) >= 0]
            taken += [libc.syscall(438, os.pidfd_open(pid), number, 0) >= 0 for number in range(10)]
            for name in ("mem", "fd", "environ", "root", "cwd", "oom_score_adj"):
                taken.append(os.access(f"/proc/{pid}/{name}", os.R_OK | os.W_OK))
        def square(x):
            return 0.0
        print("taken:", any(taken), len(taken))
        """,
        shows="taken: False 20",
    ),
    hostile(
        "moves_in_files",
        "Moves in every file that it inherited, so that the place tells the next submission something.",
        """
        import os
        for descriptor in range(8, 128):
            try:
                os.lseek(descriptor, 7351946, os.SEEK_SET)
                print("moved")
            except OSError:
                pass
        """,
        shows="moved",
    ),
    hostile(
        "leaves_flags",
        "Changes the flags of all descriptors that it was given.",
        """
        import fcntl, os
        for descriptor in range(8):
            fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) ^ os.O_APPEND)
        def square(x):
            return 0.0
        print("changed")
        """,
        shows="changed",
    ),
    hostile(
        "limits_of_its_supervisor",
        "Takes the descriptors of its supervisor away by a limit.",
        """
        import resource
        try:
            resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))
        except OSError:
            pass
        def square(x):
            return 0.0
        print("limited")
        """,
        shows="limited",
    ),
    hostile(
        "time_of_its_supervisor",
        "Ends its supervisor by a limit of processor time.",
        """
        import resource, time
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_DATA):
            try:
                resource.prlimit(1, kind, (0, 0))
            except OSError:
                pass
        time.sleep(1)
        def square(x):
            return 0.0
        print("limited")
        """,
        shows="limited",
    ),
    hostile(
        "starves_its_supervisor",
        "Gives its supervisor the last place among all processes, and itself many.",
        """
        import os
        for act in (
            lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
            lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
            lambda: os.sched_setaffinity(1, {0}),
        ):
            try:
                act()
            except OSError:
                pass
        print("starves", flush=True)  # by one process alone, as several break the protocol, which ends them too
        for _ in range(3):
            if not os.fork():
                break
        while True:
            pass
        """,
        limits=LONG_WALL,
        shows="starves",
        stopped="cpu",
    ),
    hostile(
        "breaks_out",
        "Enters namespaces, mounts, changes its root and its user.",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        def possible(act):
            try:
                return act() not in (-1,)
            except OSError:
                return False
        acts = [lambda flag=flag: libc.unshare(1 << flag) for flag in (17, 25, 26, 27, 28, 29, 30, 7)]
        acts += [lambda name=name: libc.setns(os.open(f"/proc/1/ns/{name}", 0), 0) for name in ("user", "mnt", "pid")]
        acts += [lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), lambda: libc.umount2(b"/proc", 2)]
        acts += [lambda: os.chroot("/tmp"), lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])]
        acts += [lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)), lambda: libc.sethostname(b"mine", 4)]
        acts += [lambda: libc.swapon(b"/tmp/x", 0), lambda: libc.reboot(0), lambda: libc.init_module(0, 0, 0)]
        acts += [lambda: libc.pivot_root(b"/tmp", b"/tmp"), lambda: libc.settimeofday(0, 0)]
        def square(x):
            return 0.0
        print("possible:", [number for number, act in enumerate(acts) if possible(act)])
        """,
    ),
    hostile(
        "plants_files",
        "Leaves files everywhere, for the next submission to run or to read.",
        """
        import os, site, sys
        planted = 0
        code = "import builtins; builtins.planted = True"
        places = ["/tmp", "/dev/shm", "/var/tmp", "/dev", "/", ".", "..", "/tmp/home", "/tmp/matplotlib", "/tmp/ipython"]
        places += [os.environ["HOME"], os.path.dirname(np.__file__), *site.getsitepackages(), *sys.path]
        places += [site.getusersitepackages(), os.path.expanduser("~/.ipython/profile_default/startup")]
        for place in places:
            for name in ("usercustomize.py", "sitecustomize.py", "planted.pth", "planted.py", "numpy.py", "matplotlibrc"):
                try:
                    os.makedirs(place, exist_ok=True)
                    with open(os.path.join(place, name), "w") as file:
                        planted += bool(file.write(code))
                except OSError:
                    pass
        np.planted = torch.planted = True
        os.environ["PLANTED"] = "1"
        def square(x):
            return 0.0
        print("planted", planted > 5)
        """,
        shows="planted True",
    ),
    hostile(
        "plants_memory",
        "Leaves shared memory, semaphores, messages and sockets behind.",
        """
        import ctypes, os, socket
        libc = ctypes.CDLL(None)
        print("planted", libc.shmget(7351946, 4096, 0o1666), libc.semget(7351946, 1, 0o1666), libc.msgget(7351946, 0o1666))
        if not os.fork():
            os.setsid()
            end = socket.socket(socket.AF_UNIX)
            end.bind("\\0planted")
            end.listen()
            end.accept()
        def square(x):
            return 0.0
        """,
        shows="planted",
    ),
    hostile(
        "plants_dates",
        "Leaves the time of day on every file of the system that it can change, and on the terminal of all.",
        """
        import fcntl, os, termios
        def dates():
            places = [*os.scandir("/dev"), *os.scandir("/usr/bin"), *os.scandir(os.path.dirname(np.__file__))]
            return {place: os.stat(place).st_mtime_ns for place in map(os.fspath, places) if not os.path.islink(place)}
        def use_terminal():
            outer = os.openpty()[1]
            if not os.fork():
                try:
                    os.setsid()
                    fcntl.ioctl(outer, termios.TIOCSCTTY, 0)
                    os.write(os.open("/dev/tty", os.O_RDWR), b"planted")
                finally:
                    os._exit(0)
            os.wait()
        before = dates()
        for place in before.keys() - {"/dev/shm"}:
            try:
                os.utime(place)
            except OSError:
                pass
        use_terminal()
        print("dated:", [place for place, date in dates().items() if date != before[place]])
        def square(x):
            return 0.0
        """,
        limits=LONG_WALL,
        shows="dated: []",
    ),
    hostile(
        "network",
        "Calls home by every way out.",
        """
        import os, socket
        reached = []
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", PORT)),
            (socket.AF_INET, ("1.1.1.1", 53)),
            (socket.AF_INET6, ("::1", PORT)),
            (socket.AF_UNIX, "\\0ABSTRACT"),
            (socket.AF_UNIX, "/var/run/docker.sock"),
            (socket.AF_UNIX, "/run/dbus/system_bus_socket"),
        ):
            try:
                end = socket.socket(family)
                end.settimeout(1)
                end.connect(address)
                reached.append(address)
            except OSError:
                pass
        try:
            reached.append(socket.getaddrinfo("example.org", 80))
        except OSError:
            pass
        def square(x):
            return 0.0
        print("reached:", reached)
        """,
        shows="reached: []",
    ),
)
