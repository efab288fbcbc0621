"""Chats and robots (DingTalk, Feishu, WeCom, Slack, Telegram …) through the optional library apprise.

- `channel` starts a process for each message and reads its outcome.
- `process` is that process: it loads the library, and refuses forbidden addresses and files.
"""
