#!/bin/sh
# The same on a bad network, with Lamport timestamps: a fifth of all datagrams is lost, and all
# processes deliver the same messages in the same order.
mpcomm lab --peers 4 --messages 20 --order lamport --loss 20% --link reorder=20% --seed 1
