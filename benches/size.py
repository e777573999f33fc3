"""Whether packages of the Lambda are within their bound.

    python size.py ZIP ...

Ends with status 1 where one is not. `make package` holds the packages of both processors to it, `lambda.py` the one
that it measures.

The bound comes from the start: 150 ms until the first scan call are aimed at, and the process itself takes half of
that, whatever its size (benches/README.md). What grows with the size is that Lambda has to unpack it on a new host:
9 ms for each MB of the zip on a whole core, 55 ms for 6 MB. So much fits, with a little left. Lambda itself takes 50 MB.
"""

import os
import sys

LIMIT_MB = 6


def main():
    packages = sys.argv[1:]
    if not packages:
        sys.exit(__doc__.strip())
    sizes = [(os.path.basename(it), os.path.getsize(it) / 1e6) for it in packages]
    for name, megabytes in sizes:
        said = "below" if megabytes < LIMIT_MB else "BROKEN: not below"
        print("{}: {:.2f} MB, {} {} MB".format(name, megabytes, said, LIMIT_MB))
    return 0 if max(megabytes for _, megabytes in sizes) < LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
