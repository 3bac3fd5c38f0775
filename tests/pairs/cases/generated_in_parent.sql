create table p(a int, b int generated always as (a * 2) stored) partition by list(a);
create table p1 partition of p for values in (1);
create table q(a int, b int);
create table q1() inherits(q);
-- becomes
create table p(a int, b int generated always as (a * 3) stored, c text not null default 'x') partition by list(a);
create table p1 partition of p for values in (1);
create table q(a bigint not null, c int default 2);
create table q1(own int) inherits(q);
alter table q1 alter c set default 5;
