"""What runs behind the walls: the server, its forks, and in them the submitted code."""
