module xionid.example/xionid

go 1.19
