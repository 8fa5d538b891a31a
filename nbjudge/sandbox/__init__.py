"""The walls around submitted code, the line to what is behind them, and `inside`, which is there."""
