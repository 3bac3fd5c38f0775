create table town(id int primary key, zip int unique);
create table street(zip int references town(zip) deferrable);
-- becomes
create table town(id int primary key, zip int);
create unique index by_zip on town(zip);
create table street(zip int references town(zip) on delete no action);
