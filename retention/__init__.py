"""How long a record is kept, and when it must go: schedules, holds, disposal."""
