import sys
from pathlib import Path

# modules beside the tests; tests are not packages
sys.path.insert(0, str(Path(__file__).parent))
