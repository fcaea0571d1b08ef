"""`python -m yijian.ops` is the `yijian` command, for places that know only the interpreter."""

from yijian.ops.command import main

if __name__ == "__main__":
    main()
