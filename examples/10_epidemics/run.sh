#!/bin/sh
# The tables of Demers et al. 1987 (a thousand nodes, one rumor), and what the same rules come to here.
# 100 trials a row are few, so that this takes a second; without --trials there are 1000 or more.
mpcomm simulate gossip --against demers --trials 100 --seed 1 --quiet
