create type c as (a int, b text, z int);
create table t(x int);
create type d as (q c);
create function f(c) returns int language sql as 'select 1';
-- becomes
create type c as (a bigint, y int, b text);
create table t(x int);
create type d as (q c, r int);
create function f(c) returns int language sql as 'select 1';
comment on column c.a is 'x';
