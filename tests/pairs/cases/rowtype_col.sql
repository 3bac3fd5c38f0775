-- not supported
create table t(a int);
create view v as select * from t;
create table u(x t, y v);
create function f(v) returns t language sql as 'select null::t';
-- becomes
create table t(a bigint);
create view v as select * from t;
create table u(x t, y v);
create function f(v) returns t language sql as 'select null::t';
