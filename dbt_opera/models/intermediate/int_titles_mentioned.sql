with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('stg_works') }}
    where is_latest and title is not null
),

credits as (
    select * from {{ ref('int_credit_lines') }}
    where function = 'composer'
),

title_works as (
    select * from {{ ref('int_title_works') }}
),

composer_credits as (
    select
        extraction_id,
        parent_pointer as pointer,
        min(name collate "C") as composer
    from credits
    group by extraction_id, parent_pointer
    having count(distinct name) = 1
),

headings as (
    select
        mentions.*,
        coalesce(mentions.opera_title, mentions.production_title) as title,
        case when mentions.opera_title is not null then 'opera_title' else 'production_title' end as title_field,
        coalesce(mentions.composer, composer_credits.composer) as composer_printed
    from mentions
    left join composer_credits
        on mentions.extraction_id = composer_credits.extraction_id and mentions.pointer = composer_credits.pointer
),

listed as (
    select
        headings.mention_id,
        works.position + 1 as ordinal,
        works.title,
        works.pointer || '/title' as title_pointer,
        works.composer as own_composer,
        headings.composer_printed as bill_composer,
        works.extent,
        works.version,
        count(*) over (partition by headings.mention_id) as works_count
    from works
    inner join headings
        on works.extraction_id = headings.extraction_id and works.parent_pointer = headings.pointer
),

unlisted as (
    select headings.*
    from headings
    where
        headings.title is not null
        and not exists (
            select 1 from listed
            where listed.mention_id = headings.mention_id
        )
),

title_parts as (
    select
        unlisted.mention_id,
        separator.number as separator,
        part.title,
        part.ordinal::integer as ordinal,
        count(*) over (partition by unlisted.mention_id, separator.number) as parts_count
    from unlisted
    cross join lateral unnest(array{{ bill_separators() }}) with ordinality as separator (pattern, number)
    cross join lateral regexp_split_to_table(unlisted.title, separator.pattern) with ordinality as part (
        title, ordinal
    )
),

-- A title with a separator is a bill only if no work is called so and each of its parts is one.
bills as (
    select
        title_parts.mention_id,
        title_parts.separator
    from title_parts
    inner join unlisted on title_parts.mention_id = unlisted.mention_id
    where
        title_parts.parts_count between 2 and 4
        and not exists (
            select 1 from title_works
            where title_works.printed = unlisted.title and title_works.form_rank in (1, 2, 4, 5, 7, 8)
        )
    group by title_parts.mention_id, title_parts.separator, title_parts.parts_count
    having
        count(*) filter (
            where exists (
                select 1 from title_works
                where title_works.printed = title_parts.title and title_works.form_rank in (1, 2, 4, 5)
            )
        ) = title_parts.parts_count
),

split_bills as (
    select
        mention_id,
        min(separator) as separator
    from bills
    group by mention_id
),

split as (
    select
        unlisted.mention_id,
        title_parts.ordinal,
        title_parts.title,
        unlisted.pointer || '/' || unlisted.title_field as title_pointer,
        case
            when cardinality(composer_parts.names) = title_parts.parts_count
                then composer_parts.names[title_parts.ordinal]
        end as own_composer,
        unlisted.composer_printed as bill_composer,
        null::text as extent,
        null::text as version,
        title_parts.parts_count as works_count
    from split_bills as bills
    inner join unlisted on bills.mention_id = unlisted.mention_id
    inner join title_parts on bills.mention_id = title_parts.mention_id and bills.separator = title_parts.separator
    cross join lateral regexp_split_to_array(unlisted.composer_printed, '\s*[/|&+]\s*') as composer_parts (names)
),

single as (
    select
        unlisted.mention_id,
        1 as ordinal,
        unlisted.title,
        unlisted.pointer || '/' || unlisted.title_field as title_pointer,
        unlisted.composer_printed as own_composer,
        unlisted.composer_printed as bill_composer,
        null::text as extent,
        null::text as version,
        1 as works_count
    from unlisted
    where
        not exists (
            select 1 from bills
            where bills.mention_id = unlisted.mention_id
        )
),

mentioned as (
    select * from listed
    union all
    select * from split
    union all
    select * from single
),

placed as (
    select
        mentioned.mention_id,
        mentioned.ordinal,
        mentioned.title,
        mentioned.title_pointer,
        mentioned.own_composer,
        mentioned.bill_composer,
        mentioned.extent,
        mentioned.version,
        mentioned.works_count,
        headings.company_id,
        headings.genre,
        headings.production_title,
        headings.pick_rank
    from mentioned
    inner join headings on mentioned.mention_id = headings.mention_id
)

select * from placed
