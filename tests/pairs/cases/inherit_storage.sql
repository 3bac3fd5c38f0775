create table p(a int); create table c() inherits (p);
create table whole(a int) partition by list (a); create table part partition of whole for values in (1);
-- becomes
create table p(a int, t text, n int); create table c() inherits (p);
alter table p alter t set storage external;
alter table c alter n set statistics 50, alter n set (n_distinct = 3);
create table whole(a int, t text) partition by list (a); create table part partition of whole for values in (1);
alter table part alter t set storage main;
