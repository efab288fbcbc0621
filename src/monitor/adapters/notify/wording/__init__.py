"""The texts and charts of notifications, in Chinese and English, the same for every kind of channel.

- `texts` has every sentence, and makes text from outside safe.
- `facts` describes one item of a message, with names and values of metrics.
- `digest` orders the items, and writes the subject and a whole message for a chat.
- `chart` draws the last hour of a metric.
"""
