#!/bin/sh
# From a question to evidence that can be cited, on the command line. Writes into the folder that it runs in.
set -eu

# Who is meant?
seismic find "network sweden" --of Network

# How could what its members said reach the agenda of 2015? The best path, and what it rests on.
seismic trace nanet-se sria-2015 --paths 1
seismic trace nanet-se sria-2015 --paths 1 --robust

# The same for a spreadsheet, a network tool and a report.
seismic trace nanet-se sria-2015 -f csv -o paths.csv
seismic report nanet-se -o sweden.html

# A question of the library, as a table for the next program.
seismic query what-did-this-network-put-forward-and-where-did-it-go --network nanet-se -f csv -o put-forward.csv

# What is missing from the record?
seismic gaps --network nanet-se
