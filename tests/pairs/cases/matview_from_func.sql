create function f() returns table(a int) language sql as 'select 1';
create materialized view m as select * from f();
create view v as select * from m;
-- becomes
create function f() returns table(a int, b int) language sql as 'select 1, 2';
create materialized view m as select * from f();
create view v as select * from m;
