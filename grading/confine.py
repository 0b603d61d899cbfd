"""What a process can still take away from itself without bubblewrap: files (Landlock), network, signals to
others.

Used inside the sandbox for signals, and instead of it where bubblewrap does not work. Each part that the
kernel does not offer is left out. Linux only; knows nothing of grading.
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
RULE_PATH_BENEATH, GET_VERSION = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL = 1 << 14, 1 << 15
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_NO_NEW_PRIVS = 38
SET_INTERFACE_FLAGS, UP = 0x8914, 1


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scoped")]


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """Landlock's version in this kernel; 0 without it."""
    return max(0, _libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), GET_VERSION))


def enter(rules: dict) -> list[str]:
    """Confines this process for good, as `rules` say; returns what was achieved.

    `readable`, `writable`: the only paths that stay open; absent: all stay. `network`: False takes it away,
    but for 127.0.0.1, where a notebook may serve a model to itself (without network namespaces, Landlock
    closes that too).
    """
    achieved = []
    if rules.get("network") is False and _leave_network():
        achieved.append("network")
        rules = rules | {"network": True}
    if version := landlock_version():
        _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        with suppress(OSError):
            _landlock(version, rules)
            achieved += ["files"] * ("readable" in rules) + ["signals"] * (version >= 6)
    return achieved


def _leave_network() -> bool:
    libc, user = _libc(), os.getuid()
    if libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return False
        with suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_INTERFACE_FLAGS, struct.pack("16sh22x", b"lo", UP))
    return True


def _landlock(version: int, rules: dict) -> None:
    known = (1 << {1: 13, 2: 14}.get(version, 15 if version < 5 else 16)) - 1
    files = known if "readable" in rules else 0
    network = 3 if version >= 4 and rules.get("network") is False else 0
    scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if version >= 6 else 0
    if not files and not network and not scoped:
        return
    attributes = _Ruleset(files, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0)
    try:
        if files:
            _allow(ruleset, rules["readable"], (EXECUTE | READ_FILE | READ_DIR) & known)
            _allow(ruleset, rules.get("writable", ()), known)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, paths: Iterable[str], access: int) -> None:
    for path in paths:
        with suppress(FileNotFoundError, PermissionError):
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            on_files = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL
            rule = _PathRule(access if os.path.isdir(path) else access & on_files, folder)
            _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0)
            os.close(folder)


def _call(number: int, *arguments: object) -> int:
    result = _libc().syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
