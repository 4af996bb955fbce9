#!/bin/sh
# Each sender's messages in their order are not enough: with fifo, an answer may come before what it
# answers, and with causal it never does. See the line "fifo: causal is violated".
mpcomm lab --messages 30 --order fifo,causal --seed 1
