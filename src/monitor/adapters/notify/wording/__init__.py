"""The texts and charts of notifications, in Chinese and English, the same for every kind of channel.

- `texts` has every sentence, and makes text from outside safe.
- `headline` says in one line what one item of a message is about, and `facts` writes the table below.
- `digest` orders the items, and writes the subject and a whole message for a chat.
- `chart` draws the last hour of a metric.
"""
