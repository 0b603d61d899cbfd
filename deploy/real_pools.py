"""`make real-pools`: samples of a model from outside of the course, SmolLM2; `prebuilt/real_pools/`.

Notebooks 02 and 05 replay them in "the same on a model that you know". A killed run goes on where it stopped.
llama.cpp's server draws them, which on a CPU is several times as fast as float32 in this process.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from deploy.llama import running
from helpers.endpoint import EndpointModel
from helpers.pools import Pool
from helpers.pools.real import EACH, NAME, REAL, real_pool, real_problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REAL)
    parser.add_argument("--each", type=int, default=EACH, help="problems of each number of steps")
    args = parser.parse_args()
    with running(threads=int(os.environ.get("OMP_NUM_THREADS", "0")) or None) as url:
        model = EndpointModel(NAME, url, "none", timeout=900)
        real_pool(model, real_problems(args.each), args.out, live=True)
    Pool(args.out).compact()
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
