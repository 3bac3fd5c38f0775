create table t(a int, b text);
alter table t enable row level security;
create policy p1 on t for select using (a > 0);
create policy p2 on t for all using (a > 0) with check (b <> '');
create table o(x int);
create policy p3 on o using (exists (select from t where t.a = o.x));
-- becomes
create table t(a bigint, b text);
alter table t enable row level security;
create policy p1 on t for update using (a > 0);
create policy p2 on t for all to dibs using (a > 1);
create table o(x bigint);
create policy p3 on o using (exists (select from t where t.a = o.x));
comment on policy p3 on o is 'c';
