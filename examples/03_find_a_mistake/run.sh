#!/bin/sh
# A protocol that forgets to break ties between equal Lamport timestamps: the simulator finds a run in
# which it shows, makes it as small as it can, and says how to see it again. Exit code 3.
mpcomm simulate order --bug no-tie-break --seed 1 --shrink
