create table a(x int not null, y text);
create table b(x int, z int);
create table c(w int) inherits (a, b);
-- becomes
create table a(x int not null, y text default 'q', n int);
create table b(x int, n int);
create table c(w int) inherits (a, b);
