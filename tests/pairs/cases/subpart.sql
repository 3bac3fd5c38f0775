create table p(a int, b int, c int) partition by list(a);
create table p1 partition of p for values in (1) partition by list(b);
create table p11 partition of p1 for values in (1);
create index on p(c);
-- becomes
create table p(a int, b int, c bigint, d text, unique(a,b,c)) partition by list(a);
create table p1 partition of p for values in (1,2) partition by list(b);
create table p11 partition of p1 for values in (1);
create table p12 partition of p1 for values in (2);
create index on p(c);
create index on p1(d);
create table p2 partition of p default;
