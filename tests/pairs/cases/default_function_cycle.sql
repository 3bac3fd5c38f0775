-- becomes
create table t(a int, b int); create function f(t) returns int language sql immutable as 'select $1.a'; create function n() returns int language plpgsql as 'declare r t; begin return 1; end'; alter table t alter b set default n(); alter table t add check (f(t) > 0); create view v as select * from t; create function vf(v) returns int language sql as 'select 1';
