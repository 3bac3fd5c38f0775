create table keep(id int primary key);
create table a(id int primary key, b int);
create table b(id int primary key, a int references a, k int references keep);
alter table a add foreign key (b) references b;
create table s(id int primary key, p int references s);
-- becomes
create table keep(id int primary key);
create table c(id int primary key, d int);
create table d(id int primary key, c int references c, k int references keep);
alter table c add foreign key (d) references d;
create table s(id int primary key);
