#!/bin/sh
# Six processes in six cloud regions multicast without any coordination: each delivers in an order of
# its own.
mpcomm lab --messages 20 --order none --seed 1
