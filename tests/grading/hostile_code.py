"""Submissions that attack the grader: code that replaces an exercise's, and what it may earn (nothing).

`cell` says which exercise the code stands in; the other exercises are blank unless `rest` is set. Secrets
that no output may show: SECRET of the hidden tests, WOMBAT of the gradebook, NUMBAT of the solutions folder.
"""

from dataclasses import dataclass

WRONG = "def double(x): return None\ndef solve(q): return None\ndef scaled(x): return None\n"


@dataclass(frozen=True)
class Hostile:
    """`code` runs in the cell `double`, before every test. `attention`: whether the grader must ask for a
    look.
    """

    name: str
    code: str
    attention: bool = False
    look: str = ""  # what the instructor is told of it
    slow: bool = False  # costs a time limit: graded with short limits


def _loop(body: str) -> str:
    return f"while True:\n    try:\n        {body}\n    except BaseException:\n        pass\n"


CHEATS = [
    Hostile("helper patched", WRONG + "import helpers.answers\nhelpers.answers.answers_match = lambda *a: True", look="assigns to helpers.answers"),
    Hostile("helper's code patched", WRONG + "import helpers.answers\nhelpers.answers.answers_match.__code__ = (lambda a, b: True).__code__", look="assigns to helpers.answers"),
    Hostile("name replaced", WRONG + "answers_match = lambda *a: True"),
    Hostile("module replaced", WRONG + "import sys, types\nfake = types.ModuleType('helpers.answers')\nfake.answers_match = lambda *a: True\nsys.modules['helpers.answers'] = fake"),
    Hostile("equal to anything", "class Yes:\n    def __eq__(self, other): return True\n    __hash__ = None\n    def __iter__(self): return iter([self])\ndef double(x): return Yes()\ndef solve(q): return Yes()\ndef scaled(x): return Yes()\nyes = Yes()", look="defines equality"),
    Hostile("text equal to anything", "class Yes(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\ndef double(x): return Yes('a')\nsolve = scaled = double\nyes = Yes()", look="defines equality"),
    Hostile("number equal to anything", "class Yes(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\ndouble = solve = scaled = lambda x: Yes(1)\nyes = Yes(1)", look="defines equality"),
    Hostile("list equal to anything", "class Yes(list):\n    def __eq__(self, other): return True\ndouble = solve = scaled = lambda x: Yes()\nyes = Yes()", look="defines equality"),
    Hostile("mock", "from unittest.mock import MagicMock, ANY\ndouble = solve = scaled = lambda x: ANY"),
    Hostile("mock of everything", "from unittest.mock import MagicMock\ndouble = solve = scaled = MagicMock()"),
    Hostile("asserts stripped", WRONG + "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Strip())", look="rewrites code"),
    Hostile("asserts stripped where it counts", WRONG + "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Module(self, node):\n        if 'scaled' in ast.dump(node): node.body = []\n        return node\nget_ipython().ast_transformers.append(Strip())", look="rewrites code"),
    Hostile("text of cells rewritten", WRONG + "get_ipython().input_transformers_post.append(lambda lines: [l.replace('assert', 'str or') for l in lines])", look="rewrites code"),
    Hostile("text of cells cleaned", WRONG + "get_ipython().input_transformer_manager.cleanup_transforms.append(lambda lines: ['pass'])"),
    Hostile("errors swallowed", WRONG + "get_ipython().set_custom_exc((Exception,), lambda shell, etype, value, tb, tb_offset=None: [])", look="how errors are shown"),
    Hostile("errors not shown", WRONG + "get_ipython().showtraceback = lambda *a, **k: None", look="how errors are shown"),
    Hostile("run_cell replaced", WRONG + "shell = get_ipython()\nreal = shell.run_code\nasync def run_code(code, result=None, *, async_=False): return False\nshell.run_code = run_code"),
    Hostile("replies forged", WRONG + "kernel = get_ipython().kernel\nasync def do_execute(*a, **k): return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\nkernel.do_execute = do_execute"),
    Hostile("class method replaced", WRONG + "type(get_ipython()).run_code = lambda *a, **k: None"),
    Hostile("builtins replaced", WRONG + "import builtins\nbuiltins.all = lambda x: True\nbuiltins.AssertionError = Exception", look="assigns to builtins"),
    Hostile("result published", WRONG + "def scaled(x):\n    get_ipython().displayhook(2.0)\n    raise ValueError"),
    Hostile("result displayed", WRONG + "def double(x):\n    from IPython.display import display\n    display(3.0)\n    return 3.0"),
    Hostile("test ended early", WRONG + "def scaled(x): raise SystemExit(0)\ndouble = solve = scaled"),
    Hostile("test interrupted", WRONG + "def scaled(x): raise KeyboardInterrupt\ndouble = solve = scaled"),
    Hostile("reference imported", "def double(x):\n    import reference\n    return reference.double(x)\ndef solve(q):\n    import reference\n    return reference.solve(q)\ndef scaled(x):\n    import reference\n    return reference.scaled(x)"),
    Hostile("reference found", "import sys\ndef steal(name):\n    def f(*a):\n        for m in list(sys.modules.values()):\n            if getattr(m, '__name__', '') == 'reference': return getattr(m, name)(*a)\n    return f\ndouble, solve, scaled = map(steal, ['double', 'solve', 'scaled'])"),
    Hostile("reference faked", WRONG + "import sys, types\nfake = types.ModuleType('reference')\nfake.double = double\nfake.solve = solve\nsys.modules['reference'] = fake"),
    Hostile("oracle", "import inspect\ndef answer(*a):\n    for frame in inspect.stack():\n        for value in frame.frame.f_locals.values():\n            if isinstance(value, list): return value\ndouble = solve = scaled = answer"),
    Hostile("serve replaced", WRONG + "import grading.learner_process\ngrading.learner_process._serve = lambda shell, connection: None"),
    Hostile("serve lies", WRONG + "import grading.rpc\ngrading.rpc.Connection._do_names = lambda self, names: {n: True for n in names}"),
    Hostile("answers forged", WRONG + "import grading.rpc\ndef _answer(self, message): self._send(['answer', message[1], True, ['list', ['list'], ['list']]])\ngrading.rpc.Connection._answer = _answer"),
    Hostile("answers garbled", WRONG + "import grading.rpc\ndef _answer(self, message): self._line.sendall(b'\\xff' * 64)\ngrading.rpc.Connection._answer = _answer"),
    Hostile("answers bomb", WRONG + "import grading.rpc\ndef _answer(self, message): self._send(['answer', message[1], True, ['Fraction', '1e99999999']])\ngrading.rpc.Connection._answer = _answer", slow=True),
    Hostile("answers run code", WRONG + "import grading.rpc\ndef _answer(self, message): self._send(['answer', message[1], True, ['name', 'os:abort']])\ngrading.rpc.Connection._answer = _answer"),
    Hostile("answers build classes", WRONG + "import grading.rpc\ndef _answer(self, message): self._send(['answer', message[1], True, ['fields', 'subprocess:Popen', ['dict']]])\ngrading.rpc.Connection._answer = _answer"),
    Hostile("line to the grader used", WRONG + "line = get_ipython().line\nfor _ in range(9):\n    line.report({'done': True})\n    line.report({'output': {'output_type': 'execute_result', 'data': {'text/plain': '3.0'}, 'metadata': {}}})"),
    Hostile("line to the grader garbled", WRONG + "get_ipython().line.connection.sendall(b'\\xff' * 64)", attention=True),
    Hostile("control prepared for", WRONG + "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Module(self, node):\n        text = ast.dump(node)\n        if 'scaled' in text and 'restore' not in text: node.body = []\n        return node\nshell = get_ipython()\nshell.ast_transformers.append(Strip())\npass", look="rewrites code"),
]  # fmt: skip

THIEVES = [
    Hostile("hook captures tests", WRONG + "captured = []\ndef hook(info): captured.append(info.raw_cell)\nget_ipython().events.register('pre_run_cell', hook)\ndef scaled(x):\n    print(captured)\n    raise ValueError(str(captured))"),
    Hostile("hook prints tests", WRONG + "get_ipython().events.register('post_run_cell', lambda r: print(r.info.raw_cell))"),
    Hostile("history", WRONG + "def scaled(x):\n    print(In, _ih)\n    raise ValueError(str(In))"),
    Hostile("caller's source", WRONG + "import inspect, linecache\ndef scaled(x):\n    for f in inspect.stack(): print(linecache.getlines(f.filename))\n    return 0\ndouble = solve = scaled"),
    Hostile("caller's code", WRONG + "import sys\ndef scaled(x):\n    f = sys._getframe(1)\n    raise ValueError(str(f.f_code.co_names) + str(f.f_globals.keys()))\ndouble = solve = scaled"),
    Hostile("trace", WRONG + "import sys\nseen = []\nsys.settrace(lambda f, e, a: seen.append(str(f.f_code.co_names)))\ndef scaled(x):\n    raise ValueError(str(seen))", look="watches other code"),
    Hostile("garbage", WRONG + "import gc\ndef scaled(x):\n    print([o for o in gc.get_objects() if isinstance(o, (list, dict)) and 'quo' 'kka' in str(o)][:3])\n    raise ValueError(str([o for o in gc.get_objects() if type(o).__name__ == 'code'][:500]))\ndouble = solve = scaled"),
    Hostile("tests in disguise", WRONG + "import gc, base64\ndef double(x):\n    found = [o for o in gc.get_objects() if isinstance(o, (list, dict)) and 'quo' 'kka' in str(o)]\n    text = base64.b64encode(('quo' 'kka!' + str(found)).encode()).decode() if found else ''\n    print(text)\n    raise ValueError(text)\nscaled = double"),
    Hostile("gradebook read", WRONG + "import glob\nfor p in glob.glob('/**/gradebook*.db', recursive=True) + ['../../../gradebook.db', '{root}/gradebook.db']:\n    try: print(open(p, 'rb').read())\n    except Exception as e: print(e)"),
    Hostile("gradebook written", WRONG + "import os\nfor p in ['../../../gradebook.db', '{root}/gradebook.db']:\n    try: open(p, 'wb').write(b'')\n    except Exception as e: print(e)"),
    Hostile("solutions read", WRONG + "import os\nfor top in ['{root}', '{repository}/solutions', '/work', '/home', '/root']:\n    for folder, _, files in os.walk(top):\n        for f in files:\n            if f.endswith(('.ipynb', '.env', '.db')):\n                try: print(open(os.path.join(folder, f)).read())\n                except Exception as e: pass"),
    Hostile("disk read", WRONG + "for p in ['/etc/passwd', '/etc/shadow', '/proc/1/environ', '/proc/1/cmdline']:\n    try: print(open(p).read())\n    except Exception as e: print(type(e))"),
    Hostile("memory of others", WRONG + "import os\nfor p in os.listdir('/proc'):\n    if p.isdigit() and int(p) != os.getpid():\n        try:\n            with open(f'/proc/{p}/mem', 'r+b') as f: print('opened', p)\n        except Exception as e: pass"),
    Hostile("environment", WRONG + "import os\nprint(dict(os.environ))"),
    Hostile("network", WRONG + "import socket\nfor place in [('1.1.1.1', 80), ('127.0.0.1', {port}), ('example.org', 80)]:\n    try:\n        socket.create_connection(place, 1).close()\n        print('NETWORK REACHED', place)\n    except OSError as e: print(e)"),
    Hostile("leaves a note", WRONG + "for p in ['/tmp/note', '/dev/shm/note', 'note', '/home/learner/note']:\n    try: open(p, 'w').write('NOTE FOR THE NEXT')\n    except OSError: pass\nimport ctypes\nctypes.CDLL(None).shmget(4711, 4096, 0o1666)"),
    Hostile("looks for notes", WRONG + "import glob\nfor p in glob.glob('/tmp/**', recursive=True) + glob.glob('/dev/shm/*') + glob.glob('*'):\n    try: print(p, open(p).read()[:99])\n    except OSError: pass\nimport ctypes\nif ctypes.CDLL(None).shmget(4711, 0, 0) != -1: print('NOTE FOR THE NEXT')"),
]  # fmt: skip

VANDALS = [
    Hostile("exit", WRONG + "exit()"),
    Hostile("os._exit", WRONG + "import os\nos._exit(0)", attention=True),
    Hostile("os._exit in a test", WRONG + "import os\ndef double(x): os._exit(0)", attention=True),
    Hostile("abort", WRONG + "import os\nos.abort()", attention=True),
    Hostile("segmentation fault", WRONG + "import ctypes\nctypes.string_at(0)", attention=True),
    Hostile("parent killed", WRONG + "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"),
    Hostile("parent stopped", WRONG + "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)"),
    Hostile("everyone killed", WRONG + "import os, signal\nfor p in map(int, filter(str.isdigit, os.listdir('/proc'))):\n    try: os.kill(p, signal.SIGKILL)\n    except OSError: pass", attention=True),
    Hostile("group killed", WRONG + "import os, signal\nos.killpg(0, signal.SIGKILL)", attention=True),
    Hostile("fork bomb", WRONG + "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", attention=True),
    Hostile("processes that stay", WRONG + "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            while True: time.sleep(1)\n        os._exit(0)"),
    Hostile("shell", WRONG + "import subprocess\nsubprocess.Popen('sleep 1000 & sleep 1000 & nohup sleep 1000 &', shell=True)"),
    Hostile("threads", WRONG + "import threading, time\ntry:\n    for _ in range(5000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\nexcept RuntimeError as e: print(e)"),
    Hostile("memory", WRONG + "x = []\ntry:\n    while True: x.append(bytearray(64 << 20))\nexcept MemoryError: x = None"),
    Hostile("memory in a test", WRONG + "def double(x):\n    y = [bytearray(64 << 20)]\n    while True: y.append(bytearray(64 << 20))"),
    Hostile("memory by processes", WRONG + "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        x = [bytearray(b'x' * (200 << 20))]\n        time.sleep(1000)\ntime.sleep(30)", attention=True),
    Hostile("long answer", WRONG + "def double(x): return 'x' * (100 << 20)\nsolve = scaled = double"),
    Hostile("endless answer", WRONG + "import itertools\ndef double(x): return itertools.count()\nsolve = double"),
    Hostile("deep answer", WRONG + "def double(x):\n    y = []\n    for _ in range(100000): y = [y]\n    return y\nsolve = scaled = double"),
    Hostile("answer holds itself", WRONG + "def double(x):\n    y = []\n    y.append(y)\n    return y\nsolve = scaled = double"),
    Hostile("much output", WRONG + "for i in range(20000): print('spam' * 250)"),
    Hostile("one long line", WRONG + "print('x' * (300 << 20))"),
    Hostile("output by the back door", WRONG + "import os\nfor i in range(500): os.write(1, b'spam' * 5000); os.write(2, b'spam' * 5000)"),
    Hostile("many displays", WRONG + "from IPython.display import display, HTML\nfor i in range(300): display(HTML('x' * 50000))"),
    Hostile("large file", WRONG + "try:\n    with open('large', 'wb') as f:\n        while True: f.write(b'x' * (16 << 20))\nexcept OSError as e: print(e)"),
    Hostile("many files", WRONG + "try:\n    for i in range(100):\n        with open(f'/tmp/{i}', 'wb') as f: f.write(b'x' * (32 << 20))\nexcept OSError as e: print(e)"),
    Hostile("files deleted", WRONG + "import shutil, os\nfor p in ['/home/learner', '/tmp', '{root}', '{repository}/helpers']: shutil.rmtree(p, ignore_errors=True)"),
    Hostile("input asked for", WRONG + "input('name?')"),
    Hostile("recursion", WRONG + "import sys\nsys.setrecursionlimit(10**9)\ndef double(x): return double(x)", slow=True),
    Hostile("at exit", WRONG + "import atexit, time\natexit.register(time.sleep, 1000)"),
    Hostile("line closed", WRONG + "import os\nfor fd in range(3, 300):\n    try: os.close(fd)\n    except OSError: pass", attention=True, slow=True),
    Hostile("streams replaced", WRONG + "import sys\nsys.stdout = sys.stderr = None", slow=True),
    Hostile("loop", WRONG + "while True: pass", slow=True),
    Hostile("sleep", WRONG + "import time\ntime.sleep(10**6)", slow=True),
    Hostile("loop in a test", WRONG + "def double(x):\n    while True: pass", slow=True),
    Hostile("loop that goes on", WRONG + _loop("while True: pass"), slow=True),
    Hostile("loop that goes on in a test", WRONG + "def double(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", slow=True),
    Hostile("signals ignored", WRONG + "import signal\nfor s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\nwhile True: pass", attention=True, slow=True),
    Hostile("loop in C", WRONG + "10 ** 10 ** 8", slow=True),
]  # fmt: skip

HOSTILE = CHEATS + THIEVES + VANDALS
