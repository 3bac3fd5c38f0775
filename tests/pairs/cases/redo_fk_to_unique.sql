create table a(x int, y int);
create unique index ax on a(x);
create table b(x int references a(x));
-- becomes
create table a(x int, y int, constraint ax unique (x));
create table b(x int references a(x));
