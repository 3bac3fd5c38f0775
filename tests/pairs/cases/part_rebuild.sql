create table p(a int, b int) partition by list(a);
create table p1 partition of p for values in (1);
create index on p(b);
create view v as select * from p;
create table f(x int);
-- becomes
create table p(a int, b int) partition by list(b);
create table p1 partition of p for values in (1);
create index on p(b);
create view v as select * from p;
create table f(x int);
