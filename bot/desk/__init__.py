"""The agent desk: who works there, what they see and what they do."""

from bot.desk.service import Desk
from bot.desk.web import add_routes

__all__ = ["Desk", "add_routes"]
