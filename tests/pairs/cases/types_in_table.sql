create table t(a int, b text);
create type c as (x t);
create table u(r t, s t[]);
create function f(t[]) returns t language sql as 'select $1[1]';
-- becomes
create table t(a int, b text, z int);
create type c as (x t, y int);
create table u(r t, s t[], q int);
create function f(t[]) returns t language sql as 'select $1[1]';
