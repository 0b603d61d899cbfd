"""`python -m bench`, and so `make bench`: the speed of sampling."""

from bench.sampling import main

main()
