"""The program of the outer wall: the system's own, or where there is none that of the wheel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import small_course
from small_course import ASSIGNMENT

from nbjudge import bubblewrap, walls
