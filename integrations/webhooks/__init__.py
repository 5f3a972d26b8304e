"""Webhooks: on the other side is a server of the subscriber's choice, which hears of meetings by signed POSTs.

The contract is docs/protocol/webhooks.md, whose signature is that of Standard Webhooks. Types of events and fields may
be added; what is there keeps its name and its meaning.
"""
