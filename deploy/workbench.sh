#!/bin/sh
# Starts JupyterLab in a copy of the course that the learner keeps, in the volume under $HOME. What the learner has
# changed stays; files that a newer image brings are added.
#   JUPYTERHUB_API_TOKEN: a JupyterHub has started it.   NB_PREFIX: OpenShift AI has, and guards the port itself.
set -eu
course="$HOME/workshop"
mkdir -p "$course"
cp -R --no-clobber "${WORKSHOP:-/opt/workshop}/." "$course/" || true # newer cp reports what it left alone
cd "$course"
export PYTHONPATH="$course" # the learner's own .env and helpers, not the image's
lab="--ServerApp.root_dir=$course --LabApp.default_url=/lab/tree/notebooks/00_start_here/00_start_here.ipynb"
export JUPYTER_CONFIG_PATH="$course/deploy/lab${JUPYTER_CONFIG_PATH:+:$JUPYTER_CONFIG_PATH}" # no question about news
# shellcheck disable=SC2086 # two options
if [ -n "${JUPYTERHUB_API_TOKEN:-}" ]; then
    exec jupyterhub-singleuser $lab
elif [ -n "${NB_PREFIX:-}" ]; then
    exec jupyter lab $lab --ip=0.0.0.0 --port=8888 --no-browser \
        --ServerApp.base_url="$NB_PREFIX" --IdentityProvider.token= --ServerApp.allow_origin='*'
else
    exec jupyter lab $lab --ip=0.0.0.0 --port=8888 --no-browser
fi
