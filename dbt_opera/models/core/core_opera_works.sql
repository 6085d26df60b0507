with reference_works as (
    select * from {{ ref('opera_works') }}
),

reference_composers as (
    select * from {{ ref('composers') }}
),

works as (
    select * from {{ ref('int_works_mentioned') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

genres as (
    select * from {{ ref('int_mention_genres') }}
    where not is_guessed
),

seen as (
    select
        works.opera_work_id,
        {{ first_known('works.reference_id', 'works.pick_rank, works.ordinal') }} as reference_id,
        {{ first_known('works.title', 'works.pick_rank, works.ordinal') }} as title,
        {{ first_known('works.title_key', 'works.pick_rank, works.ordinal') }} as title_key,
        {{ first_known('works.composer_id', 'works.pick_rank, works.ordinal') }} as composer_id,
        {{ first_known('works.composer', 'works.pick_rank, works.ordinal') }} as composer,
        {{ first_known('mentions.librettist', 'works.pick_rank, works.ordinal') }} as librettist,
        {{ first_known('genres.genre', "genres.genre_basis <> 'printed', works.pick_rank, works.ordinal") }} as genre,
        min(case when genres.genre_basis = 'printed' and genres.genre is not null then 'printed' end) as genre_basis,
        {{ first_known('mentions.extraction_id', 'works.pick_rank, works.ordinal') }} as source_extraction_id,
        {{ first_known('works.title_pointer', 'works.pick_rank, works.ordinal') }} as source_pointer,
        {{ audit_columns('mentions') }}
    from works
    inner join mentions on works.mention_id = mentions.mention_id
    left join genres on works.mention_id = genres.mention_id
    group by works.opera_work_id
),

referenced as (
    select
        {{ key('work', ['reference_works.work_id']) }} as id,
        reference_works.work_id as slug,
        reference_works.title_en as title,
        reference_works.title as title_native,
        {{ key('composer', ['reference_works.composer_id']) }} as composer_id,
        reference_composers.name as composer,
        null::text as librettist,
        reference_works.language,
        case
            when not reference_works.is_opera and reference_works.genre in ('musical', 'oratorio')
                then reference_works.genre
            when not reference_works.is_opera then 'other'
            when reference_works.genre in ('operetta', 'opérette', 'Operette') then 'operetta'
            when reference_works.genre = 'zarzuela' then 'zarzuela'
            else 'opera'
        end as genre,
        'reference' as genre_basis,
        reference_works.period,
        reference_works.acts,
        {{ as_date('reference_works.premiere_date') }} as premiere_date,
        substring(reference_works.premiere_date from '^[0-9]{4}')::integer as premiere_year,
        reference_works.premiere_city,
        'reference' as resolution,
        1.00::numeric(3, 2) as resolution_score,
        null::uuid as source_extraction_id,
        null::text as source_pointer,
        null::timestamptz as created_at,
        null::timestamptz as updated_at,
        null::timestamptz as last_confirmed_at
    from reference_works
    left join reference_composers on reference_works.composer_id = reference_composers.composer_id
),

provisional as (
    select
        opera_work_id as id,
        replace(title_key, ' ', '-') as slug,
        title,
        title as title_native,
        composer_id,
        composer,
        librettist,
        null::text as language,
        genre,
        case when genre is not null then coalesce(genre_basis, 'inferred') end as genre_basis,
        null::text as period,
        null::integer as acts,
        null::date as premiere_date,
        null::integer as premiere_year,
        null::text as premiere_city,
        'provisional' as resolution,
        0.50::numeric(3, 2) as resolution_score,
        source_extraction_id,
        source_pointer,
        created_at,
        updated_at,
        last_confirmed_at
    from seen
    where reference_id is null
),

every_work as (
    select * from referenced
    union all
    select * from provisional
),

with_external_ids as (
    select
        every_work.*,
        null::text as wikidata_id,
        null::text as musicbrainz_id
    from every_work
)

select * from with_external_ids
