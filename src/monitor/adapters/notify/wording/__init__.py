"""The texts and charts of notifications, in Chinese and English, the same for every kind of channel.

- `texts` has every sentence, `metrics` the names and values, `clean` makes text from outside safe.
- `facts` describes one item of a message, `digest` orders the items and writes the subject.
- `course` prepares the last hour of a metric, `chart` draws it, `chat` writes a whole message for a chat.
"""
