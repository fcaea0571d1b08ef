"""What an operator runs: the `yijian` command, the platform's processes, checks and drills."""
