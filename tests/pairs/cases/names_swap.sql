create table a(x int primary key, u int unique);
create table b(y int);
create index i on a(u);
create index j on b(y);
-- becomes
create table a(x int, u int unique, constraint i primary key (x));
create table b(y int, constraint a_pkey unique(y));
create index j on a(u);
