"""`make real-pools`: samples of a model from outside of the course, SmolLM2; `prebuilt/real_pools/`.

Notebooks 02 and 05 replay them in "the same on a model that you know". A killed run goes on where it stopped.
On a GPU this process draws them, in a minute; elsewhere llama.cpp's server does, in hours, which is still several
times as fast as float32 in this process.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.llama import running
from helpers.endpoint import EndpointModel
from helpers.models import LanguageModel
from helpers.pools import Pool
from helpers.pools.real import EACH, NAME, REAL, real_pool


@contextmanager
def model() -> Iterator[LanguageModel]:
    """SmolLM2 where it is fastest on this machine."""
    import torch

    from helpers.engine.local import LocalModel

    if torch.cuda.is_available():
        yield LocalModel.load(NAME, "cuda", "float32")
        return
    with running(threads=int(os.environ.get("OMP_NUM_THREADS", "0")) or None) as url:
        yield EndpointModel(NAME, url, "none", timeout=900)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REAL)
    parser.add_argument("--each", type=int, default=EACH, help="problems of each level")
    args = parser.parse_args()
    with model() as smollm2:
        real_pool(smollm2, args.out, each=args.each, live=True)
    Pool(args.out).compact()
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
