create function f(int, int) returns boolean language sql as 'select $1 = $2';
create operator === (leftarg=int, rightarg=int, function=f);
create table t(a int);
create view v as select a === 1 as x from t;
-- becomes
create function f(int, int) returns boolean language sql as 'select $1 <> $2';
create operator === (leftarg=int, rightarg=int, function=f);
create table t(a bigint);
create view v as select a = 1 as x from t;
